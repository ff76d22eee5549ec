package dev.gitopsexecutor.runner;

import dev.gitopsexecutor.model.ProjectId;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;

/**
 * Where below its builds directory the runner checks a project out.
 *
 * @see <a href="https://gitlab.com/gitlab-org/gitlab-runner/-/blob/v17.0.0/common/build.go">ProjectUniqueDir</a>
 */
record ProjectPath(String relative) {

    /** Throws {@link IllegalArgumentException}, without the URL since it holds a token, when it leads out of its root. */
    static ProjectPath of(String repositoryUrl, ProjectId project) {
        try {
            URI url = new URI(repositoryUrl);
            boolean hasHost = url.getRawAuthority() != null;
            if (hasHost && url.getPath() != null) {
                return slug(url.getPath());
            }
        } catch (URISyntaxException unreadable) {
            // As the runner does: a URL that it cannot read gives the name below.
        }
        return new ProjectPath("project-" + project);
    }

    private static ProjectPath slug(String path) {
        String relative = path.replaceFirst("\\.git$", "").replaceFirst("^/+", "");
        boolean outside = relative.isEmpty() || ("/" + relative + "/").contains("/../");
        if (outside || relative.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(".git_info.repo_url names no project");
        }
        return new ProjectPath(relative);
    }

    Path below(Path buildsDir) {
        return buildsDir.resolve(relative).normalize();
    }
}
