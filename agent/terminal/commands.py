"""The commands of a conversation, as /help lists them."""

HELP = """\
Type a question. When a name is ambiguous, answer with a number.
/sources [N]    the quotations behind the last answer; with a number, the text around that one
/paper N        the abstract of the paper that stands at this number in the last list or answer
/profile NAME   an author's profile
/find WORDS     papers on something
/similar PAPER  the papers nearest to one: its number in the last list or answer, its id or its title
/entities       what the last question was understood to name
/themes [TEXT]  rank themes for a text, or for the paper of the last answer
/threads        all conversations
/thread NAME    go on with a conversation, or begin one
/resume [NAME]  go on with a conversation that there is, or the latest other one, and see where it stood
/export [FILE]  write this conversation as JSON Lines
/delete NAME    delete a conversation
/usage          what the chat model was called for in this conversation
/model [MODEL]  the models in use; bundled, none, a GGUF file or a model elsewhere words answers from here on
/help           this text
/quit           end (also Ctrl-D); Ctrl-C stops an answer
Enter sends, Alt-Enter (or Esc, then Enter) begins a new line, and pasted text stays one message.
Tab completes commands, names of authors, conversations and files."""
COMMANDS = [line.split()[0] for line in HELP.splitlines() if line.startswith("/")]
COLUMN = len("/profile NAME   ")  # where the explanations begin
