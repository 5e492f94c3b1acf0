package org.agr4j.data.image;

import java.nio.charset.StandardCharsets;

/** A format of image files, told by how a file begins; its name says nothing. */
enum ImageFormat {
  /** JPEG. */
  JPEG("JPEG", true, 0, "\u00ff\u00d8\u00ff"),
  /** Portable Network Graphics. */
  PNG("PNG", true, 0, "\u0089PNG\r\n\u001a\n"),
  /** Graphics Interchange Format. */
  GIF("GIF", true, 0, "GIF8"),
  /** Windows bitmaps. */
  BMP("BMP", true, 0, "BM"),
  /** WebP, in its RIFF container. */
  WEBP("WebP", true, 8, "WEBP"),
  /** Tagged image files of small-endian machines. */
  TIFF_LITTLE("TIFF", false, 0, "II*\0"),
  /** Tagged image files of big-endian machines. */
  TIFF_BIG("TIFF", false, 0, "MM\0*"),
  /** What telephones write: HEIC, AVIF and their kin. */
  HEIF("HEIC or AVIF", false, 4, "ftyp");

  /** Names of what is decoded, for messages. */
  static final String EXPECTED = "JPEG, PNG, GIF, BMP or WebP";

  private final String title;
  private final boolean decoded;
  private final int at;
  private final byte[] magic;

  ImageFormat(String title, boolean decoded, int at, String magic) {
    this.title = title;
    this.decoded = decoded;
    this.at = at;
    this.magic = magic.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The name in prose. */
  String title() {
    return title;
  }

  /** Whether such files can be decoded here. */
  boolean isDecoded() {
    return decoded;
  }

  /** The format of a file; null if it is none of these. */
  static ImageFormat of(byte[] file) {
    for (ImageFormat format : values()) {
      if (Bytes.startsWith(file, format.at, file.length, format.magic)) {
        return format;
      }
    }
    return null;
  }
}
