package dev.gitopsexecutor.policy;

import dev.gitopsexecutor.model.Endpoint;
import java.util.List;

/**
 * What the containers of an environment's jobs may have beyond the least, and what the machine must hold them to.
 *
 * @param services images that may run beside the script
 * @param egress what the script may connect to; it has no network when empty
 * @param appArmor whether the machine must have it
 * @param userNamespace whether root in a container must be nobody on the machine
 */
public record SandboxRule(
        JobLimits limits, ImageRule services, List<Endpoint> egress, boolean appArmor, boolean userNamespace) {
    public SandboxRule {
        egress = List.copyOf(egress);
    }
}
