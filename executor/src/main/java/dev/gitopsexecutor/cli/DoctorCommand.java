package dev.gitopsexecutor.cli;

import dev.gitopsexecutor.config.ExecutorConfig;
import dev.gitopsexecutor.config.PolicyFile;
import dev.gitopsexecutor.io.JobLog;
import dev.gitopsexecutor.io.TextTable;
import dev.gitopsexecutor.job.Doctor;
import dev.gitopsexecutor.job.Invocation;
import dev.gitopsexecutor.model.EnvironmentName;
import dev.gitopsexecutor.model.ImageRef;
import dev.gitopsexecutor.policy.EnvironmentRule;
import dev.gitopsexecutor.sandbox.Control.Seen;
import dev.gitopsexecutor.sandbox.Control.Verdict;
import java.io.OutputStream;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code doctor}: looks whether this machine holds a job to what it must. */
@Command(
        name = "doctor",
        description = "Looks whether this machine locks a job's containers down as it should.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    private static final int SAYS_NO = 1;
    private static final int USAGE = 2;

    private final Invocation invocation;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Option(
            names = "--sandbox",
            description = "Start the two containers of a job, look from inside them at each control, and remove them.")
    private boolean sandbox;

    @Option(
            names = "--image",
            paramLabel = "IMAGE",
            converter = ImageConverter.class,
            description = "For the job container (default: the first of job_images in policy.yaml).")
    private @Nullable ImageRef image;

    @Mixin
    private final Console console = new Console();

    DoctorCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    /** Ends with 1 when a control fails; what the machine lacks is said and is no failure. */
    @Override
    public Integer call() {
        if (!sandbox) {
            console.err().println("Say what to look at: --sandbox.");
            return USAGE;
        }
        ExecutorConfig executor = config.read();
        JobLog silent = new JobLog(OutputStream.nullOutputStream(), invocation.clock());
        Doctor.Report report =
                new Doctor(executor, invocation.clock(), invocation.cancellation()).look(image(executor), silent);
        Iterator<Seen> helper = report.helper().iterator();
        List<List<String>> rows =
                report.job().stream().map(seen -> row(seen, helper.next())).toList();
        TextTable.lines(List.of("CONTROL", "JOB", "HELPER", "SEEN"), rows).forEach(console.out()::println);
        console.out()
                .println("%d held, %d open: this machine does not have them, %d failed."
                        .formatted(
                                count(report, Verdict.HELD),
                                count(report, Verdict.OPEN),
                                count(report, Verdict.FAILED)));
        return count(report, Verdict.FAILED) == 0 ? 0 : SAYS_NO;
    }

    private static long count(Doctor.Report report, Verdict verdict) {
        return Stream.concat(report.job().stream(), report.helper().stream())
                .filter(seen -> seen.verdict() == verdict)
                .count();
    }

    private static List<String> row(Seen job, Seen helper) {
        String saw =
                job.saw().equals(helper.saw()) ? job.saw() : "job: %s; helper: %s".formatted(job.saw(), helper.saw());
        return List.of(job.control().title(), verdict(job), verdict(helper), saw);
    }

    private static String verdict(Seen seen) {
        return seen.verdict().name().toLowerCase(Locale.ROOT);
    }

    private ImageRef image(ExecutorConfig executor) {
        ImageRef given = image;
        return given != null ? given : firstOfPolicy(executor);
    }

    private static ImageRef firstOfPolicy(ExecutorConfig executor) {
        return PolicyFile.read(executor.policyFile()).policy().environments().values().stream()
                .min(Comparator.comparing(EnvironmentRule::name, Comparator.comparing(EnvironmentName::value)))
                .orElseThrow()
                .jobs()
                .images()
                .entries()
                .getFirst();
    }

    /** As picocli wants a refusal to be told. */
    static final class ImageConverter implements ITypeConverter<ImageRef> {
        @Override
        public ImageRef convert(String text) {
            try {
                return ImageRef.parse(text);
            } catch (IllegalArgumentException refused) {
                throw new TypeConversionException(refused.getMessage());
            }
        }
    }
}
