package dev.gitopsexecutor.checks;

import dev.gitopsexecutor.io.Deadline;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.StringJoiner;

/**
 * Opens TCP connections from this machine, by the first address of a name that answers.
 *
 * <p>The system's resolver keeps its own time: whoever needs the deadline to hold while it hangs waits on another
 * thread, as the checks do.
 */
public final class DirectDialer implements Dialer {
    @Override
    public Socket dial(String address, int port, Deadline deadline) throws IOException {
        InetAddress[] found;
        try {
            found = InetAddress.getAllByName(address);
        } catch (UnknownHostException unknown) {
            throw new IOException("the name does not resolve", unknown);
        }
        StringJoiner words = new StringJoiner("; ");
        for (int index = 0; index < found.length; index++) {
            // An address that swallows packets must leave time for the others.
            long share = deadline.remaining().toMillis() / (found.length - index);
            Socket socket = new Socket();
            try {
                socket.connect(new InetSocketAddress(found[index], port), Math.clamp(share, 1, Integer.MAX_VALUE));
                return socket;
            } catch (IOException failed) {
                socket.close();
                words.add(words(failed) + (found.length == 1 ? "" : " (" + found[index].getHostAddress() + ")"));
            }
        }
        throw new ConnectException(words.toString());
    }

    private static String words(IOException failed) {
        String message = String.valueOf(failed.getMessage());
        if (failed instanceof SocketTimeoutException || message.contains("timed out")) {
            return "no connection in time";
        }
        if (failed instanceof NoRouteToHostException || message.contains("unreachable")) {
            return "no way there through the network";
        }
        return message.contains("refused") ? "nobody listens there" : message.toLowerCase(Locale.ROOT);
    }
}
