/** The files of a run that is kept or given away: what is checked before they are read. */
package org.agr4j.run;
