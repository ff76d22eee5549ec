package dev.gitopsexecutor.benchmark;

/** The least that a Java program does: the floor under every start of ours. */
final class Hello {
    private Hello() {}

    public static void main(String[] arguments) {
        System.out.println("hello");
    }
}
