/** The placebo of AGR: the same shrinkage at the wrong elements, to tell an effect from chance. */
package org.agr4j.placebo;
