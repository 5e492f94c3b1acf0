/** The same training with several optimizers, paired by seed. */
package org.agr4j.compare;
