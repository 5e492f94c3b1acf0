/**
 * Settings declared once: {@link org.agr4j.settings.Setting} has a setting's name, help, default
 * and check, {@link org.agr4j.settings.Settings} the values of a run. The command line, YAML files,
 * the check when a run is resumed and the facts of a report are made from them.
 */
package org.agr4j.settings;
