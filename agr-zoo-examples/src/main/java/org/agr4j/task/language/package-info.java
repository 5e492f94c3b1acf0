/** Language modelling: masked words and the order of sentences, ALBERT on WikiText-2. */
package org.agr4j.task.language;
