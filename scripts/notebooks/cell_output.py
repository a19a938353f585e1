"""JupyterLab's connection to a kernel, with a limit on what a cell prints: a loop that prints without end would
otherwise fill the page, the notebook's file and the next reader's patience."""
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from traitlets import Int


class Connection(ZMQChannelsWebsocketConnection):
    """Passes on what a kernel says; of the text that one cell prints, the first cell_output_limit bytes."""

    cell_output_limit = Int(1_000_000, config=True, help="bytes that a cell may print")
    cell, printed = None, 0  # the execution that prints, and how many bytes it has printed

    def handle_outgoing_message(self, stream, outgoing_msg):
        if not self.beyond_limit(outgoing_msg):
            super().handle_outgoing_message(stream, outgoing_msg)

    def beyond_limit(self, message):
        """Counts a message that prints, and returns whether it is beyond the limit. The first that is, is replaced by a
        note."""
        _, header, parent, _, content, *_ = self.session.feed_identities(message)[1]
        if self.session.unpack(header)["msg_type"] != "stream":
            return False
        parent = self.session.unpack(parent)
        if parent.get("msg_id") != self.cell:
            self.cell, self.printed = parent.get("msg_id"), 0
        before, self.printed = self.printed, self.printed + len(content)
        if before <= self.cell_output_limit < self.printed:
            self.write_stderr(f"output cut after {self.cell_output_limit:,} bytes: print less, or write to a file", parent)
        return self.printed > self.cell_output_limit
