package stranger;

import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;

/** A class of a user's own, of which DL4J and AGR4J know nothing. */
public final class OwnPreProcessor extends ComposableInputPreProcessor {
  private static final long serialVersionUID = 1;

  public OwnPreProcessor() {
    super(new InputPreProcessor[0]);
  }
}
