package dev.gitopsexecutor.identity;

import static dev.gitopsexecutor.identity.Forge.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.nimbusds.jose.jwk.RSAKey;
import dev.gitopsexecutor.failure.Blame;
import dev.gitopsexecutor.failure.ExecutorException;
import dev.gitopsexecutor.failure.FailureCode;
import dev.gitopsexecutor.model.CommitSha;
import dev.gitopsexecutor.model.JobId;
import dev.gitopsexecutor.model.ProjectId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdTokenVerifierTest {
    private static final RSAKey STRANGER = Forge.key("current");
    private static final CommitSha SHA = new CommitSha("4c300d29c32b7e55210788f6835f3f000dc9cc7a");
    private static final JobFacts FACTS = new JobFacts(
            new JobId(102),
            new ProjectId(22),
            OptionalLong.of(9102),
            OptionalLong.of(42),
            "main",
            "branch",
            SHA,
            Optional.of(true));

    @TempDir
    private Path directory;

    private TestKeyServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestKeyServer(Forge.KEY.toPublicJWK());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void believesTheTokenOfThisJob() {
        String token = Forge.token(Forge.claims());

        VerifiedIdentity identity = verify(token);

        assertThat(identity.jobId()).isEqualTo(new JobId(102));
        assertThat(identity.projectPath()).isEqualTo("shop/app");
        assertThat(identity.refProtected()).isTrue();
        assertThat(identity.environment()).contains("production");
        assertThat(identity.revealToken()).isEqualTo(token);
        assertThat(identity).hasToString("job 102 of project shop/app by user 42");
    }

    @Test
    void believesATokenWhoseJobResponseSaysLess() {
        JobFacts less = new JobFacts(
                FACTS.job(),
                FACTS.project(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                "main",
                "branch",
                SHA,
                Optional.empty());

        assertThat(verifier(NOW).verify(variable(Forge.token(with("job_project_id", null))), less))
                .isInstanceOf(VerifiedIdentity.class);
    }

    @Test
    void believesAnAudienceInAListOfOne() {
        assertThat(verify(Forge.token(with("aud", List.of("gitops-executor"))))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "environment",
                "environment_action",
                "environment_protected",
                "user_access_level",
                "ci_config_ref_uri",
                "ci_config_sha"
            })
    void refusesAClaimThatWouldBePrintedAsMoreThanALine(String claim) {
        assertThat(verify(Forge.token(with(claim, null)))).isNotNull();
        assertThat(refusal(Forge.token(with(claim, "one\ntwo"))).failure().saw())
                .isEqualTo("token." + claim + ": \"one?two\"; wanted: one line of text, or none");
        assertThat(refusal(Forge.token(with(claim, true))).failure().saw())
                .isEqualTo("token." + claim + ": true; wanted: one line of text, or none");
    }

    @Test
    void printsOneBlockThatNamesTheCheck() {
        assertThat(refusal(Forge.token(with("job_id", "103"))).failure().block())
                .isEqualTo("""
                        Cannot believe the job's ID token. [TOKEN_REFUSED]
                          on:   job 102 of project 22
                          saw:  bound.job_id: "103"; wanted: "102"
                          next: Remove whatever sets the token's variable: this token was made for another job.
                        """);
    }

    @ParameterizedTest
    @MethodSource("forgeries")
    void refusesForgeries(String token, String saw) {
        Refused refused = refusal(token);

        assertThat(refused.failure().saw()).isEqualTo(saw);
        assertThat(refused.failure().code()).isEqualTo(FailureCode.TOKEN_REFUSED);
        assertThat(refused.failure().code().blame()).isEqualTo(Blame.JOB);
        assertThat(refused.failure().block()).doesNotContain(token.isEmpty() ? "no token" : token);
    }

    static Stream<Arguments> forgeries() {
        Map<String, Object> good = Forge.claims();
        String token = Forge.token(good);
        String form = "token.form: other text; wanted: three Base64 parts with JSON in them";
        String signature =
                "token.signature: a signature that does not verify; wanted: one by https://gitlab.example.com";
        Map<String, Object> header = Map.of("alg", "RS256", "kid", "current");
        return Stream.of(
                Arguments.of("not.a.token", form),
                Arguments.of(token + ".x", form),
                Arguments.of("x".repeat(20_000), form),
                Arguments.of(Forge.unsigned(good), "token.alg: \"none\"; wanted: \"RS256\""),
                Arguments.of(Forge.signedWithPublicKey(good), "token.alg: \"HS256\"; wanted: \"RS256\""),
                Arguments.of(
                        Forge.token(Map.of("alg", "RS512", "kid", "current"), good, Forge.KEY),
                        "token.alg: \"RS512\"; wanted: \"RS256\""),
                Arguments.of(
                        Forge.token(Map.of("alg", "RS256", "kid", "current", "crit", List.of("b64")), good, Forge.KEY),
                        "token.crit: [b64]; wanted: none"),
                Arguments.of(
                        Forge.token(Map.of("alg", "RS256", "kid", "other"), good, Forge.KEY),
                        "token.kid: \"other\"; wanted: a key of https://gitlab.example.com"),
                Arguments.of(
                        Forge.token(Map.of("alg", "RS256"), good, Forge.KEY),
                        "token.kid: none; wanted: a key of https://gitlab.example.com"),
                // Another issuer's key under the same name.
                Arguments.of(Forge.token(header, good, STRANGER), signature),
                Arguments.of(token.substring(0, token.lastIndexOf('.') + 1), signature),
                Arguments.of(tampered(token), signature));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "iss | https://evil.example.com | \"https://evil.example.com\"; wanted: \"https://gitlab.example.com\"",
                "aud | vault | \"vault\"; wanted: \"gitops-executor\"",
                "sha | 0000000000000000000000000000000000000000 | \"0000000000000000000000000000000000000000\"; wanted: \"4c300d29c32b7e55210788f6835f3f000dc9cc7a\"",
                "job_project_id | 23 | \"23\"; wanted: \"22\"",
                "project_id | 022 | \"022\"; wanted: a project's id, as text",
                "job_id | -1 | \"-1\"; wanted: a job's id, as text",
                "ref_protected | TRUE | \"TRUE\"; wanted: \"true\" or \"false\", as text",
                "ref_type | commit | \"commit\"; wanted: \"branch\" or \"tag\"",
                "ref_path | main | \"main\"; wanted: a full ref path",
            })
    void refusesWrongValues(String claim, String value, String saw) {
        assertThat(refusal(Forge.token(with(claim, value))).failure().saw())
                .isEqualTo((claim.equals("sha") || claim.equals("job_project_id") ? "bound." : "token.") + claim + ": "
                        + saw);
    }

    @ParameterizedTest
    @CsvSource({
        "job_id, 103",
        "pipeline_id, 9103",
        "user_id, 43",
        "ref, develop",
        "ref_type, tag",
        "ref_protected, false"
    })
    void refusesTheTokenOfAnotherJob(String claim, String value) {
        assertThat(refusal(Forge.token(with(claim, value))).failure().saw())
                .isEqualTo("bound.%s: \"%s\"; wanted: \"%s\""
                        .formatted(claim, value, Forge.claims().get(claim)));
    }

    @Test
    void refusesTheTokenOfAnotherProject() {
        Map<String, Object> claims = with("project_id", "23");
        claims.put("job_project_id", "23");

        assertThat(refusal(Forge.token(claims)).failure().saw()).isEqualTo("bound.project_id: \"23\"; wanted: \"22\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "iss",
                "aud",
                "exp",
                "nbf",
                "iat",
                "jti",
                "job_id",
                "pipeline_id",
                "project_id",
                "user_id",
                "runner_id",
                "project_path",
                "user_login",
                "pipeline_source",
                "ref",
                "ref_type",
                "ref_path",
                "ref_protected",
                "sha"
            })
    void refusesAMissingClaimAndOneOfAnotherType(String claim) {
        assertThat(refusal(Forge.token(with(claim, null))).failure().saw())
                .startsWith("token." + claim + ": none; wanted: ");
        assertThat(refusal(Forge.token(with(claim, List.of("a", "b"))))
                        .failure()
                        .saw())
                .startsWith("token." + claim + ": [a, b]; wanted: ");
        Object other = Forge.claims().get(claim) instanceof Long number ? number.toString() : 22L;
        assertThat(refusal(Forge.token(with(claim, other))).failure().saw()).startsWith("token." + claim + ": ");
    }

    @Test
    void refusesAnAudienceThatIsNoText() {
        assertThat(refusal(Forge.token(with("aud", List.of(5)))).failure().saw())
                .isEqualTo("token.aud: [5]; wanted: \"gitops-executor\"");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1})
    void refusesARunnerOfNoNumber(long id) {
        assertThat(refusal(Forge.token(with("runner_id", id))).failure().saw())
                .isEqualTo("token.runner_id: %d; wanted: a positive number".formatted(id));
    }

    @Test
    void explainsUpToTheSignatureAndThenEverything() {
        assertThat(verifier(NOW).explain("no token").findings())
                .extracting(Finding::check, Finding::holds)
                .containsExactly(tuple("token.form", false));
        TokenExplanation unsigned = verifier(NOW).explain(Forge.unsigned(Forge.claims()));
        assertThat(unsigned.findings())
                .extracting(Finding::check, Finding::holds)
                .containsExactly(tuple("token.alg", false));
        assertThat(unsigned.claims()).isEmpty();

        Map<String, Object> two = with("aud", "vault");
        two.put("ref_type", "commit");
        TokenExplanation wrong = verifier(NOW).explain(Forge.token(two));
        assertThat(wrong.findings())
                .filteredOn(finding -> !finding.holds())
                .extracting(Finding::check)
                .containsExactly("token.aud", "token.ref_type");
        assertThat(wrong.claims()).isEmpty();

        TokenExplanation good = verifier(NOW).explain(Forge.token(Forge.claims()));
        assertThat(good.findings()).hasSizeGreaterThan(30).allMatch(Finding::holds);
        assertThat(good.findings())
                .extracting(Finding::check)
                .startsWith("token.alg", "token.crit", "token.kid", "token.signature", "token.iss")
                .endsWith("token.runner_id");
        assertThat(good.claims())
                .hasValueSatisfying(claims -> assertThat(claims.jobId()).isEqualTo(new JobId(102)));
    }

    @Test
    void refusesTwoAudiences() {
        assertThat(refusal(Forge.token(with("aud", List.of("gitops-executor", "vault"))))
                        .failure()
                        .saw())
                .isEqualTo("token.aud: [gitops-executor, vault]; wanted: \"gitops-executor\"");
    }

    @ParameterizedTest
    @CsvSource({
        "exp, -30, 'token.exp: 2026-11-24T03:59:30Z; wanted: after 2026-11-24T04:00:00Z'",
        "nbf, 31, 'token.nbf: 2026-11-24T04:00:31Z; wanted: not after 2026-11-24T04:00:00Z'",
        "iat, 31, 'token.iat: 2026-11-24T04:00:31Z; wanted: not after 2026-11-24T04:00:00Z'",
        "iat, -631, 'token.age: 2026-11-24T03:49:29Z; wanted: at most 600 s before 2026-11-24T04:00:00Z'",
    })
    void refusesTimesBeyondTheLeeway(String claim, long seconds, String saw) {
        assertThat(refusal(Forge.token(with(claim, NOW.getEpochSecond() + seconds)))
                        .failure()
                        .saw())
                .isEqualTo(saw);
        long within = seconds + (seconds > 0 ? -1 : 1);
        assertThat(verify(Forge.token(with(claim, NOW.getEpochSecond() + within))))
                .isNotNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MIN_VALUE})
    void refusesAbsurdTimes(long seconds) {
        assertThat(refusal(Forge.token(with("exp", seconds))).failure().saw())
                .isEqualTo("token.exp: %d; wanted: a time in seconds since 1970".formatted(seconds));
    }

    @Test
    void doesNotPrintWhatSteersATerminal() {
        assertThat(refusal(Forge.token(with("iss", "a\u001b[31m\n" + "b".repeat(200))))
                        .failure()
                        .saw())
                .isEqualTo("token.iss: \"a?[31m?" + "b".repeat(93) + "…\"; wanted: \"https://gitlab.example.com\"");
    }

    @Test
    void saysWhatToWriteWhenThereIsNoToken() {
        for (TokenVariable none : List.of(variable(), variable(""))) {
            Refused missing = (Refused) verifier(NOW).verify(none, FACTS);

            assertThat(missing.check()).isEqualTo("token.present");
            assertThat(missing.failure().block()).isEqualTo("""
                    Cannot believe the job's ID token. [TOKEN_MISSING]
                      on:   job 102 of project 22
                      saw:  token.present: none; wanted: variable VAULT_ID_TOKEN
                      next: Add to the job in .gitlab-ci.yml:
                              id_tokens:
                                VAULT_ID_TOKEN:
                                  aud: gitops-executor
                    """);
        }
    }

    @Test
    void refusesATokenThatAVariableReplaces() {
        String good = Forge.token(Forge.claims());

        for (TokenVariable two : List.of(variable(good, "x"), variable("x", good), variable(good, good))) {
            Refused shadowed = (Refused) verifier(NOW).verify(two, FACTS);

            assertThat(shadowed.failure().code()).isEqualTo(FailureCode.TOKEN_REFUSED);
            assertThat(shadowed.failure().saw())
                    .isEqualTo("token.only: 2 variables VAULT_ID_TOKEN: one of them was set to replace the token;"
                            + " wanted: one");
            assertThat(two).hasToString("VAULT_ID_TOKEN");
        }
    }

    @Test
    void refusesATokenThatAnotherJobHasShown() throws IOException {
        String token = Forge.token(Forge.claims());
        assertThat(verify(token)).isNotNull();
        assertThat(verify(token)).as("the job's next process").isNotNull();
        Map<String, Object> claims = with("job_id", "103");
        JobFacts other = new JobFacts(
                new JobId(103),
                FACTS.project(),
                FACTS.pipeline(),
                FACTS.user(),
                FACTS.ref(),
                FACTS.refType(),
                FACTS.sha(),
                FACTS.refProtected());

        Refused replayed = (Refused) verifier(NOW).verify(variable(Forge.token(claims)), other);

        assertThat(replayed.failure().saw()).isEqualTo("bound.jti: shown by job 102; wanted: shown by this job alone");
    }

    @Test
    void forgetsTokensThatNobodyWouldAccept() throws IOException {
        verify(Forge.token(Forge.claims()));
        Path tokens = directory.resolve("state/tokens");
        assertThat(tokens.resolve("2026-11-24")).isDirectory();
        Map<String, Object> later = Forge.claims();
        Instant days = NOW.plus(Duration.ofDays(3));
        later.put("jti", "another-token-id");
        later.put("iat", days.getEpochSecond());
        later.put("exp", days.getEpochSecond() + 60);

        verifier(days).verify(variable(Forge.token(later)), FACTS);

        assertThat(tokens.toFile().list()).containsExactly("2026-11-27");
    }

    @Test
    void believesNobodyWhenItCannotRemember() throws IOException {
        Files.createDirectories(directory.resolve("state"));
        Files.writeString(directory.resolve("state/tokens"), "a file");

        assertThatThrownBy(() -> verify(Forge.token(Forge.claims())))
                .isInstanceOfSatisfying(
                        ExecutorException.class,
                        failed -> assertThat(failed.code()).isEqualTo(FailureCode.STATE_UNUSABLE));
    }

    @ParameterizedTest
    @CsvSource({"7, true", "8, false"})
    void asksForOneOfItsRunners(long runner, boolean accepted) {
        var settings = settings(Set.of(runner, 9L));
        Verification verification = new IdTokenVerifier(settings, directory.resolve("state"), InstantSource.fixed(NOW))
                .verify(variable(Forge.token(Forge.claims())), FACTS);

        if (accepted) {
            assertThat(verification).isInstanceOf(VerifiedIdentity.class);
        } else {
            assertThat(((Refused) verification).failure().saw()).isEqualTo("token.runner_id: 7; wanted: one of 8, 9");
        }
    }

    private VerifiedIdentity verify(String token) {
        return (VerifiedIdentity) verifier(NOW).verify(variable(token), FACTS);
    }

    private Refused refusal(String token) {
        return (Refused) verifier(NOW).verify(variable(token), FACTS);
    }

    private static TokenVariable variable(String... values) {
        return new TokenVariable("VAULT_ID_TOKEN", List.of(values));
    }

    private IdTokenVerifier verifier(Instant now) {
        return new IdTokenVerifier(settings(Set.of()), directory.resolve("state"), InstantSource.fixed(now));
    }

    private IssuerSettings settings(Set<Long> runners) {
        return new IssuerSettings(
                Forge.ISSUER, server.uri(), "gitops-executor", Optional.empty(), Duration.ofMinutes(10), runners);
    }

    private static Map<String, Object> with(String claim, @Nullable Object value) {
        Map<String, Object> claims = new TreeMap<>(Forge.claims());
        if (value == null) {
            claims.remove(claim);
        } else {
            claims.put(claim, value);
        }
        return claims;
    }

    /** Other claims, the signature kept. */
    private static String tampered(String token) {
        String other = Forge.token(with("environment", "staging"));
        return other.substring(0, other.lastIndexOf('.')) + token.substring(token.lastIndexOf('.'));
    }
}
