package dev.gitopsexecutor.testbed;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * A real Exim on a free loopback port. It offers STARTTLS, takes mail of who logged in alone, knows nobody called {@code
 * gone}, and defers the first mail to {@code slow}. Its processes end with the testbed.
 */
public final class MailServer {
    public static final String USER = "releases";
    public static final String PASSWORD = "password-of-releases";

    private static final String OWNER = "Debian-exim";

    private final Path directory;
    private final int port;

    private MailServer(Path directory, int port) {
        this.directory = directory;
        this.port = port;
    }

    /** Blocks until it answers. */
    static MailServer start(WorldDirectory world) throws IOException {
        // It reads and writes as a user that may not look into the world, but must get through it.
        Files.setPosixFilePermissions(world.path(), PosixFilePermissions.fromString("rwx--x--x"));
        Path directory = world.directory("mail");
        int port = FreePort.pick();
        var _ = PemFiles.create(directory);
        Path config = Files.writeString(
                directory.resolve("exim.conf"), """
            primary_hostname = mail.test
            exim_user = %2$s
            exim_group = %2$s
            never_users =
            keep_environment =
            deliver_drop_privilege = true
            spool_directory = %1$s
            log_file_path = %1$s/%%slog
            pid_file_path = %1$s/pid
            daemon_smtp_ports = %3$d
            local_interfaces = 127.0.0.1
            host_lookup =
            rfc1413_query_timeout = 0s
            tls_advertise_hosts = *
            tls_certificate = %1$s/server.pem
            tls_privatekey = %1$s/server.key
            auth_advertise_hosts = ${if def:tls_in_cipher {*}{}}
            acl_smtp_mail = mail
            acl_smtp_rcpt = rcpt
            begin acl
            mail:
              deny !authenticated = *
                   message = 5.7.0 log in first
              accept
            rcpt:
              deny local_parts = gone
                   message = 5.1.1 no such user here
              defer local_parts = slow
                   condition = ${if exists{%1$s/met}{no}{yes}}
                   set acl_c_met = ${run{/usr/bin/touch %1$s/met}}
                   message = 4.7.1 come back later
              accept
            begin routers
            all:
              driver = accept
              transport = mailbox
            begin transports
            mailbox:
              driver = appendfile
              file = %1$s/mailbox
              user = %2$s
            begin authenticators
            plain:
              driver = plaintext
              public_name = PLAIN
              server_prompts = :
              server_condition = ${if and{{eq{$auth2}{%4$s}}{eq{$auth3}{%5$s}}}}
              server_set_id = $auth2
            """.formatted(directory, OWNER, port, USER, PASSWORD));
        Command.in(world.path(), "chown", "-R", OWNER + ":" + OWNER, directory.toString())
                .run();
        // Exim takes orders of root and its own user alone.
        Command.in(world.path(), "chown", "root:root", config.toString()).run();
        world.remember(new ProcessBuilder(List.of("/usr/sbin/exim4", "-C", config.toString(), "-bdf"))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("server.log").toFile())
                .start());
        Listening.await("Exim", port);
        return new MailServer(directory, port);
    }

    public int port() {
        return port;
    }

    /** That it signed its own certificate with; for {@code localhost}. */
    public Path caFile() {
        return directory.resolve("server.pem");
    }

    /** Blocks until the mailbox of everybody holds that text; returns all mail. */
    public String awaitMail(String text) {
        Path mailbox = directory.resolve("mailbox");
        Awaitility.await("mail with " + text)
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> Files.exists(mailbox) && Files.readString(mailbox).contains(text));
        try {
            return Files.readString(mailbox);
        } catch (IOException unreadable) {
            throw new TestbedException("the mailbox cannot be read", unreadable);
        }
    }
}
