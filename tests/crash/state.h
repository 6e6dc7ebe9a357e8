// What a data directory holds, as text: what a client can see of it, a line a thing. Clients write the same lines from
// what they did (clients.py), so that both can be compared.
//
//     c1.a account
//     c1.a/INBOX next 5
//     c1.a/INBOX 4 \Deleted k2 1200 89abcdef      UID, flags, octets and SHA-256 (its begin) from "From: " on
//     c1.a@office.lan queue d@far.example 1200 89abcdef
//     c1.sales@office.lan alias a@far.example b@far.example
//     tls.ca.crt 900 01234567
//
// Whatever stands before the first dot owns the line.
#pragma once

#include "store/store.h"

#include <filesystem>
#include <map>
#include <string>

namespace postern::crash {

// Lines in the order of their octets, each with its end.
using State = std::map<std::string, std::string>; // by owner

// Throws std::runtime_error where the store or a body cannot be read.
State read_state(store::Store& store, std::filesystem::path const& directory);

} // namespace postern::crash
