package dev.gitopsexecutor.deploy;

import java.time.Duration;

/**
 * How long each part of a deploy may take.
 *
 * @param lock to wait for another deploy to end
 * @param start for {@code docker compose up} to return
 * @param stability for which a service must run without a restart before it counts as up
 * @param reconnect to come back to a host whose connection was lost while it was being changed
 */
public record DeployTimes(
        Duration connect,
        Duration command,
        Duration pull,
        Duration lock,
        Duration start,
        Duration stability,
        Duration reconnect) {

    public static DeployTimes defaults() {
        return new DeployTimes(
                Duration.ofSeconds(15),
                Duration.ofSeconds(30),
                Duration.ofMinutes(10),
                Duration.ofMinutes(15),
                Duration.ofMinutes(5),
                Duration.ofSeconds(2),
                Duration.ofSeconds(90));
    }
}
