package dev.gitopsexecutor.failure;

/** Every way to fail that a reader may search for; printed at the end of each failure block. */
public enum FailureCode {
    AUDIT_FAILED(Blame.SYSTEM),
    CANCELED(Blame.SYSTEM),
    CHECKOUT_UNFAITHFUL(Blame.JOB),
    CHECK_FAILED(Blame.JOB),
    COMPOSE_INVALID(Blame.JOB),
    CONFIG_INVALID(Blame.SYSTEM),
    CONFIG_UNSAFE(Blame.SYSTEM),
    DEPLOY_SPEC_INVALID(Blame.JOB),
    DEPLOY_SPEC_MISSING(Blame.JOB),
    ENGINE_FAILED(Blame.SYSTEM),
    ENGINE_UNREACHABLE(Blame.SYSTEM),
    ENV_FILE_UNFAITHFUL(Blame.SYSTEM),
    EXIT_CODE_FILE_UNUSABLE(Blame.SYSTEM),
    GITLAB_ANSWER_UNUSABLE(Blame.SYSTEM),
    GITLAB_REFUSED(Blame.SYSTEM),
    GITLAB_UNREACHABLE(Blame.SYSTEM),
    HELPER_IMAGE_UNSUITABLE(Blame.SYSTEM),
    HOST_KEY_MISMATCH(Blame.SYSTEM),
    HOST_LOGIN_REFUSED(Blame.SYSTEM),
    HOST_UNREACHABLE(Blame.SYSTEM),
    HOST_UNSUITABLE(Blame.SYSTEM),
    IMAGE_PULL_FAILED(Blame.SYSTEM),
    IMAGE_UNAVAILABLE(Blame.JOB),
    IMAGE_UNSUITABLE(Blame.JOB),
    INTERNAL(Blame.SYSTEM),
    JOB_RESPONSE_INVALID(Blame.SYSTEM),
    JWKS_UNAVAILABLE(Blame.SYSTEM),
    LEDGER_FAILED(Blame.SYSTEM),
    LOCK_HELD(Blame.SYSTEM),
    OUTDATED(Blame.JOB),
    OUTPUT_LOST(Blame.SYSTEM),
    OUTPUT_TOO_LARGE(Blame.JOB),
    OUT_OF_MEMORY(Blame.SYSTEM),
    POLICY_DENIED(Blame.JOB),
    REGISTRY_CREDENTIAL_UNUSABLE(Blame.SYSTEM),
    REGISTRY_REFUSED(Blame.SYSTEM),
    REGISTRY_UNREACHABLE(Blame.SYSTEM),
    REMOTE_COMMAND_FAILED(Blame.SYSTEM),
    ROLLBACK_FAILED(Blame.SYSTEM),
    SCRIPT_UNREADABLE(Blame.SYSTEM),
    SECRET_MISSING(Blame.JOB),
    SECRET_REFUSED(Blame.JOB),
    START_FAILED(Blame.JOB),
    STATE_UNUSABLE(Blame.SYSTEM),
    TOKEN_MISSING(Blame.JOB),
    TOKEN_REFUSED(Blame.JOB),
    USAGE(Blame.SYSTEM),
    VAULT_REFUSED(Blame.SYSTEM),
    VAULT_UNREACHABLE(Blame.SYSTEM);

    private final Blame blame;

    FailureCode(Blame blame) {
        this.blame = blame;
    }

    public Blame blame() {
        return blame;
    }
}
