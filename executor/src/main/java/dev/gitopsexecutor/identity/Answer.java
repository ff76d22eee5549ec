package dev.gitopsexecutor.identity;

/** What came of one question to GitLab; texts may be printed. */
public sealed interface Answer<T> {

    /** GitLab says so. */
    record Known<T>(T value) implements Answer<T> {}

    /** GitLab was asked and does not know, or does not tell. */
    record Unknown<T>(String saw) implements Answer<T> {}

    /** GitLab could not be asked: nobody answers there, or it is out of order. */
    record Unreachable<T>(String saw) implements Answer<T> {}

    /** Nobody asked. */
    record Unasked<T>(String why) implements Answer<T> {}
}
