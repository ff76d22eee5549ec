package dev.gitopsexecutor.checks;

/** What a health URL answered; the body is cut at 64 KiB. */
record HealthAnswer(int status, String body) {}
