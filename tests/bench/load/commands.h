// The measurements, each in a file of its own; main.cpp lists them with their options.
#pragma once

namespace postern::bench {

class Options;

void intake(Options const& options);
void fill(Options const& options);
void mailbox(Options const& options);
void mix(Options const& options);
void mailboxes(Options const& options);
void resync(Options const& options);
void stores(Options const& options);
void retrieve(Options const& options);
void soak(Options const& options);
void logins(Options const& options);
void idle(Options const& options);
void handshakes(Options const& options);
void limits(Options const& options);
void corpus(Options const& options);

} // namespace postern::bench
