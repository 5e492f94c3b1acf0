/** Image data sets: read, made up, downloaded, and handed to DL4J in minibatches. */
package org.agr4j.data;
