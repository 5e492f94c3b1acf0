package org.agr4j.updater;

/** The Adan(AGR) step of a block; formula and memory stand at {@link AdanAgr}. */
public final class AdanAgrUpdater extends AgrGradientUpdater<AdanAgr> {
  /** Key of the first moment m. */
  public static final String M_STATE = "M";

  /** Key of the mean gradient difference d. */
  public static final String D_STATE = "D";

  /** Key of the second moment n. */
  public static final String N_STATE = "N";

  /** Key of the last gradient. */
  public static final String LAST_GRADIENT_STATE = "LAST_GRADIENT";

  /**
   * Creates an updater that has no state yet.
   *
   * @param config the configuration
   */
  public AdanAgrUpdater(AdanAgr config) {
    super(config);
  }
}
