package dev.gitopsexecutor.target;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import org.apache.sshd.client.channel.ChannelDirectTcpip;

/** A socket whose far end is dialled by the host; TLS can be layered on it. */
final class TunnelSocket extends Socket {
    private final ChannelDirectTcpip channel;

    /** {@code channel} is open. */
    TunnelSocket(ChannelDirectTcpip channel) {
        this.channel = channel;
    }

    @Override
    public InputStream getInputStream() {
        return channel.getInvertedOut();
    }

    @Override
    public OutputStream getOutputStream() {
        return channel.getInvertedIn();
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean isClosed() {
        return !channel.isOpen();
    }

    @Override
    public void close() {
        channel.close(true);
    }
}
