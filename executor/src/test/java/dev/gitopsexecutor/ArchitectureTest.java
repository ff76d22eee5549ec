package dev.gitopsexecutor;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the arrows between packages and keeps each library in its one package (docs/architecture.md). */
class ArchitectureTest {
    private static final String ROOT = "dev.gitopsexecutor";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            model    | failure
            failure  | failure
            io       | failure
            runner   | model failure io
            identity | model failure io
            policy   | model identity
            sandbox  | model failure io
            secrets  | model failure io identity
            notify   | model failure io secrets
            target   | model failure io secrets
            checks   | model failure io target
            deploy   | model failure io policy identity secrets target checks
            ledger   | model failure io deploy
            report   | model failure io checks deploy
            config   | model failure io runner identity policy sandbox secrets notify target checks deploy ledger
            job      | model failure io runner identity policy sandbox secrets notify target checks deploy ledger report config
            cli      | model failure io identity policy sandbox secrets notify deploy ledger config job
            """)
    void packageImportsOnlyWhatItsRowNames(String name, String imports) {
        String[] allowed = Stream.concat(Stream.of(name), Stream.of(imports.split(" ")))
                .map(text -> ROOT + "." + text)
                .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(ROOT + "." + name)
                .should()
                .dependOnClassesThat(
                        resideInAPackage(ROOT + "..").and(DescribedPredicate.not(resideInAnyPackage(allowed))))
                .check(CLASSES);
    }

    @ParameterizedTest
    @CsvSource({
        "com.nimbusds, identity",
        "com.github.dockerjava, sandbox",
        "io.github.jopenlibs, secrets",
        "jakarta.mail, notify",
        "org.eclipse.angus, notify",
        "org.apache.sshd, target",
        "com.github.difflib, deploy",
        "com.google.re2j, checks",
        "org.snakeyaml, config",
        "java.sql, ledger",
        "org.sqlite, ledger",
        "picocli, cli",
        "java.net.http, io",
    })
    void libraryStaysInOnePackage(String library, String home) {
        noClasses()
                .that(resideInAPackage(ROOT + "..")
                        .and(DescribedPredicate.not(resideInAPackage(ROOT + "." + home)))
                        // The Vault library takes the HTTP client that io made for it.
                        .and(DescribedPredicate.not(
                                library.equals("java.net.http")
                                        ? resideInAPackage(ROOT + ".secrets")
                                        : DescribedPredicate.alwaysFalse())))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library + "..")
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ch.qos.logback", "org.slf4j"})
    void loggingIsSetUpInTheRootPackageAlone(String library) {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library + "..")
                .check(CLASSES);
    }

    @Test
    void onlyMainTouchesStreamsEnvironmentAndClock() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(ROOT + ".Main")
                .should()
                .accessTargetWhere(ofSystem("out", "err", "in", "getenv", "getProperty", "exit", "nanoTime"))
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .check(CLASSES);
    }

    private static DescribedPredicate<JavaAccess<?>> ofSystem(String... members) {
        return DescribedPredicate.describe(
                "System." + String.join(", System.", members),
                access -> access.getTargetOwner().isEquivalentTo(System.class)
                        && List.of(members).contains(access.getTarget().getName()));
    }

    @Test
    void everyPackageIsInTheTable() {
        List<String> named = List.of(
                "model",
                "failure",
                "io",
                "runner",
                "identity",
                "policy",
                "sandbox",
                "secrets",
                "notify",
                "target",
                "checks",
                "deploy",
                "ledger",
                "report",
                "config",
                "job",
                "cli");
        classes()
                .should()
                .resideInAnyPackage(
                        Stream.concat(Stream.of(ROOT), named.stream().map(name -> ROOT + "." + name))
                                .toArray(String[]::new))
                .check(CLASSES);
    }

    @Test
    void proofsAndSecretsAreMadeInTheirOwnPackageAlone() {
        constructors()
                .that()
                .areDeclaredInClassesThat()
                .haveNameMatching(".*\\.(VerifiedIdentity|Allowed)")
                .should()
                .bePackagePrivate()
                .check(CLASSES);
    }
}
