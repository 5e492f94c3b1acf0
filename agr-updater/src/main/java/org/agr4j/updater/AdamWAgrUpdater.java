package org.agr4j.updater;

/** The AdamW(AGR) step of a block; formula and memory stand at {@link AdamWAgr}. */
public final class AdamWAgrUpdater extends AgrGradientUpdater<AdamWAgr> {
  /** Key of the first moment m. */
  public static final String M_STATE = "M";

  /** Key of the second moment v. */
  public static final String V_STATE = "V";

  /**
   * Creates an updater that has no state yet.
   *
   * @param config the configuration
   */
  public AdamWAgrUpdater(AdamWAgr config) {
    super(config);
  }
}
