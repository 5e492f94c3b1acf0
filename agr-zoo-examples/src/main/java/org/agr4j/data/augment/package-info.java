/** What is done at random to a training image's colours and shape, on arrays of its pixels. */
package org.agr4j.data.augment;
