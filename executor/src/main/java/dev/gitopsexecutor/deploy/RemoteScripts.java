package dev.gitopsexecutor.deploy;

import dev.gitopsexecutor.target.RemoteScript;

/** The scripts of a deploy; each file begins with what it does. */
final class RemoteScripts {
    static final RemoteScript STATE = load("state.sh");
    static final RemoteScript READ = load("read.sh");
    static final RemoteScript CONTAINERS = load("containers.sh");
    static final RemoteScript COMPOSE_CHECK = load("compose-check.sh");
    static final RemoteScript PULL = load("pull.sh");
    static final RemoteScript INSTALL = loadForImages("install.sh");
    static final RemoteScript READY = load("ready.sh");
    static final RemoteScript COPY = loadForImages("copy.sh");
    static final RemoteScript ACTIVATE = load("activate.sh");
    static final RemoteScript REMOVE_SERVICES = load("remove-services.sh");
    static final RemoteScript ABANDON = load("abandon.sh");
    static final RemoteScript COMMIT = load("commit.sh");
    static final RemoteScript CONCLUDE = loadForImages("conclude.sh");
    static final RemoteScript RETIRE = loadForImages("retire.sh");
    static final RemoteScript EXEC = load("exec.sh");
    static final RemoteScript LOGS = load("logs.sh");

    private RemoteScripts() {}

    private static RemoteScript load(String name) {
        return RemoteScript.load(RemoteScripts.class, "layout.sh", name);
    }

    private static RemoteScript loadForImages(String name) {
        return RemoteScript.load(RemoteScripts.class, "layout.sh", "images.sh", name);
    }
}
