/** Training on a Spark cluster with DL4J's two modes: parameter averaging and gradient sharing. */
package org.agr4j.spark;
