package org.agr4j.task.classification;

import org.agr4j.data.Augmentation;
import org.agr4j.data.ImageSet;

/** What is done to a training image each time it is used. */
public enum AugmentChoice {
  /** Training images as they are. */
  NONE("none") {
    @Override
    public Augmentation forImages(ImageSet images) {
      return Augmentation.NONE;
    }
  },
  /** Random crop with an eighth of the side as padding, and flip. */
  CROP_FLIP("crop-flip") {
    @Override
    public Augmentation forImages(ImageSet images) {
      return new Augmentation(images.height() / 8, true, 0);
    }
  },
  /** Random crop with an eighth of the side as padding, flip, rotation up to 15°, as the paper. */
  STANDARD("standard") {
    @Override
    public Augmentation forImages(ImageSet images) {
      return new Augmentation(
          images.height() / 8, Augmentation.CIFAR.flip(), Augmentation.CIFAR.rotationDegrees());
    }
  };

  private final String label;

  AugmentChoice(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }

  /** The augmentation of images of that size. */
  public abstract Augmentation forImages(ImageSet images);
}
