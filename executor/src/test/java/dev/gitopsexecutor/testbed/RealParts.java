package dev.gitopsexecutor.testbed;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.ResourceLockTarget;

/**
 * A test class that gets the run's one {@link Testbed} as a parameter; skipped where the testbed is not wanted.
 *
 * <p>Its tests run beside others: each has an environment of its own, and most of a deploy is waiting.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(TestbedExtension.class)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = DisturbsOthers.TESTBED, mode = ResourceAccessMode.READ, target = ResourceLockTarget.CHILDREN)
public @interface RealParts {}
