/** Reads the three YAML files into the features' own records. */
@NullMarked
package dev.gitopsexecutor.config;

import org.jspecify.annotations.NullMarked;
