package dev.gitopsexecutor.testbed;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A test that has the testbed for itself: it breaks a part that others use, or looks at all that happens in one. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ResourceLock(DisturbsOthers.TESTBED)
public @interface DisturbsOthers {
    String TESTBED = "testbed";
}
