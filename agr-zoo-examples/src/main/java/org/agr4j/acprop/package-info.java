/** ACProp, one of the optimizers that AGR is compared with. */
package org.agr4j.acprop;
