package org.agr4j.data;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.AbstractUnicodeExtraField;
import org.apache.commons.compress.archivers.zip.UnicodePathExtraField;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;

/**
 * Names of zip entries, in whichever of three ways a tool wrote them (APPNOTE 6.3.10, appendix D
 * and section 4.6.9): UTF-8 with the flag that says so; an extra field with the name in UTF-8; or
 * neither, which is UTF-8 with Apple's and Unix's tools and code page 437 with older ones of
 * Windows. UTF-8 is hardly ever valid by accident.
 */
final class ZipName {
  private static final String OLD_CODE_PAGE = "IBM437";

  private ZipName() {}

  /** The name of an entry as its tool meant it. */
  static String of(ZipArchiveEntry entry) {
    byte[] raw = entry.getRawName();
    if (raw == null || entry.getGeneralPurposeBit().usesUTF8ForNames()) {
      return entry.getName();
    }
    if (entry.getExtraField(UnicodePathExtraField.UPATH_ID)
            instanceof AbstractUnicodeExtraField field
        && field.getUnicodeName() != null) {
      CRC32 crc = new CRC32();
      crc.update(raw);
      if (crc.getValue() == field.getNameCRC32()) {
        return new String(field.getUnicodeName(), StandardCharsets.UTF_8);
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
    } catch (CharacterCodingException e) {
      Charset old =
          Charset.isSupported(OLD_CODE_PAGE)
              ? Charset.forName(OLD_CODE_PAGE)
              : StandardCharsets.ISO_8859_1;
      return new String(raw, old);
    }
  }
}
