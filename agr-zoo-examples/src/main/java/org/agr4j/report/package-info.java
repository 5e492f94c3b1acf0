/** What came out of a comparison: statistics, tables, figures, an HTML page. */
package org.agr4j.report;
