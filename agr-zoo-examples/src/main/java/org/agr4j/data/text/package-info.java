/** Texts: read, cut into word pieces, paired and masked as a language model is trained on them. */
package org.agr4j.data.text;
