package dev.gitopsexecutor.testbed;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import java.util.List;

/**
 * The rights of a container that is a whole host. Where the engine may not hand out all of them, because it lacks one
 * itself, the container gets those that an engine inside it needs.
 */
enum HostRights {
    PRIVILEGED {
        @Override
        void give(HostConfig config) {
            config.withPrivileged(true);
        }
    },
    LISTED {
        @Override
        void give(HostConfig config) {
            config.withCapAdd(
                            Capability.AUDIT_CONTROL,
                            Capability.DAC_READ_SEARCH,
                            Capability.IPC_LOCK,
                            Capability.NET_ADMIN,
                            Capability.NET_BROADCAST,
                            Capability.SYS_ADMIN,
                            Capability.SYS_NICE,
                            Capability.SYS_PTRACE,
                            Capability.SYSLOG)
                    .withSecurityOpts(List.of("seccomp=unconfined", "apparmor=unconfined"))
                    .withDeviceCgroupRules(List.of("a *:* rwm"));
        }
    };

    abstract void give(HostConfig config);

    static HostRights of(DockerClient docker) {
        String probe = docker.createContainerCmd(Images.APP)
                .withHostConfig(new HostConfig().withPrivileged(true).withNetworkMode("none"))
                .withLabels(Owner.self().label())
                .withCmd("/bin/env")
                .exec()
                .getId();
        try {
            docker.startContainerCmd(probe).exec();
            return PRIVILEGED;
        } catch (DockerException refused) {
            return LISTED;
        } finally {
            docker.removeContainerCmd(probe).withForce(true).exec();
        }
    }
}
