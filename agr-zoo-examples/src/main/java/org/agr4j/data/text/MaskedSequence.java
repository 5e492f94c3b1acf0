package org.agr4j.data.text;

/**
 * A sequence that a language model is trained on: [CLS] first [SEP] second [SEP].
 *
 * @param tokens numbers of its pieces, some of them masked
 * @param secondFrom where the second segment begins
 * @param places where pieces are to be guessed, ascending
 * @param targets numbers of the pieces that belong there
 * @param inOrder whether the first stretch comes first in the text
 */
public record MaskedSequence(
    int[] tokens, int secondFrom, int[] places, int[] targets, boolean inOrder) {}
