package dev.gitopsexecutor.testbed;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * A test class that gets the run's one {@link Testbed} as a parameter; skipped where the testbed is not wanted.
 *
 * <p>Its tests run beside others: each has an environment of its own, and most of a deploy is waiting. So they look at
 * nothing that others have too, and break nothing; what does belongs into a class with {@link RealPartsAlone}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(TestbedExtension.class)
@Execution(ExecutionMode.CONCURRENT)
public @interface RealParts {}
