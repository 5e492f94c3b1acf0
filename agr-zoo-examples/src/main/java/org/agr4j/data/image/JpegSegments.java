package org.agr4j.data.image;

import static org.agr4j.data.image.Bytes.u16;
import static org.agr4j.data.image.Bytes.u8;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The segments of a JPEG file before its pixels (ISO/IEC 10918-1, annex B), and a {@linkplain
 * #plain plain} copy with those alone that the pixels need.
 *
 * <p>Cameras, editors and telephones write segments of their own (APPn), some of them broken:
 * colour profiles cut off or of another kind of image, markers that contradict each other, bytes
 * between segments. None of that touches the pixels.
 */
final class JpegSegments {
  private static final int START = 0xd8;
  private static final int END = 0xd9;
  private static final int SCAN = 0xda;
  private static final int APP0 = 0xe0;
  private static final int APP1 = 0xe1;
  private static final int APP2 = 0xe2;
  private static final int APP14 = 0xee;
  private static final byte[] JFIF = ascii("JFIF\0");
  private static final byte[] EXIF = ascii("Exif\0\0");
  private static final byte[] ADOBE = ascii("Adobe");
  private static final byte[] ICC = ascii("ICC_PROFILE\0");

  /** Where Adobe's segment says how the colours are stored. */
  private static final int ADOBE_TRANSFORM = 11;

  /** Where a profile's first segment says what colours it is for, behind name and numbers. */
  private static final int ICC_SPACE = ICC.length + 2 + 16;

  /** JFIF 1.01 without a density or a small picture. */
  private static final byte[] PLAIN_JFIF = {
    (byte) 0xff, (byte) APP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
  };

  /**
   * A segment of a JPEG file.
   *
   * @param marker its kind
   * @param from where its content begins
   * @param to where it ends
   */
  private record Segment(int marker, int from, int to) {}

  private final byte[] file;
  private final List<Segment> segments = new ArrayList<>();
  private int scan;

  /**
   * Finds the segments, as far as there are whole ones.
   *
   * @param file that begins as a JPEG does; kept, not modified
   */
  JpegSegments(byte[] file) {
    this.file = file;
    int at = 2;
    while (at + 4 <= file.length) {
      int marker = u8(file, at + 1);
      if (u8(file, at) != 0xff || marker == 0xff || marker == 0) {
        at++; // filling, or what does not belong there
      } else if (marker == SCAN || marker == END) {
        scan = at;
        return;
      } else if (isAlone(marker)) {
        at += 2;
      } else {
        int end = at + 2 + u16(file, at + 2);
        if (end < at + 4 || end > file.length) {
          break;
        }
        segments.add(new Segment(marker, at + 4, end));
        at = end;
      }
    }
    scan = file.length;
  }

  private static byte[] ascii(String word) {
    return word.getBytes(StandardCharsets.US_ASCII);
  }

  /** Markers without a length: TEM, RST, and a second start. */
  private static boolean isAlone(int marker) {
    return marker == 1 || marker >= 0xd0 && marker <= START;
  }

  /** SOF: all from C0 to CF but tables and an extension. */
  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }

  private Segment find(int marker, byte[] name) {
    for (Segment segment : segments) {
      if (segment.marker == marker && Bytes.startsWith(file, segment.from, segment.to, name)) {
        return segment;
      }
    }
    return null;
  }

  /** Number of colour components: 1 grey, 3 colours, 4 printing colours; 0 if nothing says it. */
  int components() {
    for (Segment segment : segments) {
      if (isFrame(segment.marker) && segment.to - segment.from >= 6) {
        return u8(file, segment.from + 5);
      }
    }
    return 0;
  }

  /** Whether there is a profile that is for another kind of colours than the image has. */
  boolean hasForeignProfile() {
    Segment profile = find(APP2, ICC);
    if (profile == null || profile.to - profile.from < ICC_SPACE + 4) {
      return false;
    }
    byte[] expected = ascii(components() == 1 ? "GRAY" : "RGB ");
    return !Bytes.startsWith(file, profile.from + ICC_SPACE, profile.to, expected);
  }

  /** How the image must be turned to be upright, 1 to 8 as in Exif; 1 if nothing sound says it. */
  int orientation() {
    Segment exif = find(APP1, EXIF);
    return exif == null ? 1 : Orientation.inTiff(file, exif.from + EXIF.length, exif.to);
  }

  /**
   * The same image without what its pixels do not need: tables, frame and scans are kept; profiles,
   * comments, bytes between segments, zeros that fill up before the end and all after it are not.
   * Of contradictory colours JFIF's are taken, as libjpeg does.
   */
  byte[] plain() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(file.length);
    out.write(0xff);
    out.write(START);
    Segment adobe = find(APP14, ADOBE);
    if (adobe != null && adobe.to - adobe.from <= ADOBE_TRANSFORM) {
      adobe = null;
    }
    boolean jfif = find(APP0, JFIF) != null;
    int transform = adobe == null ? -1 : u8(file, adobe.from + ADOBE_TRANSFORM);
    if (components() != 4 && (jfif || transform > 0)) {
      out.writeBytes(PLAIN_JFIF);
    } else if (adobe != null) {
      write(adobe, out);
    }
    for (Segment segment : segments) {
      boolean ofMaker = segment.marker >= APP0 || segment.marker < 0xc0;
      if (!ofMaker) {
        write(segment, out);
      }
    }
    int end = end();
    int last = end;
    while (last > scan && file[last - 1] == 0 && u8(file, last - 2) != 0xff) {
      last--;
    }
    out.write(file, scan, last - scan);
    out.write(file, end, Math.min(2, file.length - end));
    return out.toByteArray();
  }

  private void write(Segment segment, ByteArrayOutputStream out) {
    out.write(file, segment.from - 4, segment.to - segment.from + 4);
  }

  /** Where the end marker is; the file's end if it has none. */
  private int end() {
    int at = scan;
    while (at + 2 <= file.length) {
      int marker = u8(file, at + 1);
      if (u8(file, at) != 0xff || marker == 0xff || marker == 0 || isAlone(marker)) {
        at++;
      } else if (marker == END) {
        return at;
      } else {
        at += at + 4 <= file.length ? 2 + Math.max(2, u16(file, at + 2)) : 2;
      }
    }
    return file.length;
  }
}
