/** The GitLab Runner's side: job response, stages, driver configuration, exit codes. */
@NullMarked
package dev.gitopsexecutor.runner;

import org.jspecify.annotations.NullMarked;
