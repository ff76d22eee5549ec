package dev.gitopsexecutor.target;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import org.apache.sshd.client.channel.ChannelDirectTcpip;
import org.apache.sshd.common.channel.Channel;
import org.apache.sshd.common.channel.ChannelListener;
import org.apache.sshd.common.channel.ChannelPipedSink;

/** A socket whose far end is dialled by the host. */
final class TunnelSocket extends Socket {
    private final ChannelDirectTcpip channel;

    /** {@code channel} is open. */
    TunnelSocket(ChannelDirectTcpip channel) {
        this.channel = channel;
        channel.addChannelListener(new ChannelListener() {
            @Override
            public void channelStateChanged(Channel changed, String hint) {
                endInput();
            }
        });
        endInput();
    }

    /** MINA itself ends the input only when the channel closes, which a server may put off until we have closed. */
    private void endInput() {
        if (channel.isEofSignalled() && channel.getInvertedOut() instanceof ChannelPipedSink input) {
            input.eof();
        }
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
