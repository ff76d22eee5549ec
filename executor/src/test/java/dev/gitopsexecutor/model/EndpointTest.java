package dev.gitopsexecutor.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"pypi.org:443", "registry:5000", "a.b-c.d9:1", "xn--bcher-kva.example:65535", "3com.com:80"})
    void namesAPortOfAHost(String text) {
        assertThat(Endpoint.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pypi.org",
                "pypi.org:",
                ":443",
                "pypi.org:0",
                "pypi.org:65536",
                "pypi.org:443:443",
                "PyPI.org:443",
                "https://pypi.org:443",
                "pypi.org:443/simple",
                "*.pypi.org:443",
                "pypi..org:443",
                "-pypi.org:443",
                "pypi.org.:443",
                "10.0.0.7:443",
                "127.1:80",
                "2130706433:80",
                "0x7f000001:80",
                "10.0.0.0x7:80",
                "[::1]:443",
                "::1:443",
                "localhost:80",
                "db.localhost:80",
                "p\u00fdpi.org:443",
                "pypi.org\n:443",
                ""
            })
    void refusesWhatIsNoNameOrLeadsElsewhere(String text) {
        assertThatThrownBy(() -> Endpoint.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .containsAnyOf("write a DNS name", "a port lies between");
    }
}
