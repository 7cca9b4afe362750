// Settings of senders that get no answer: the section [serve.syslog], and what a [[serve.source]] says about syslog and
// about the records that are expected of it. docs/operate/serve.md.
#pragma once

#include <array>
#include <string_view>

#include "base/result.h"
#include "base/toml.h"
#include "server/serve_settings.h"

namespace weerbaar::server {

// Keys of a source that read_feed_settings() reads.
inline constexpr std::array<std::string_view, 5> kFeedKeys = {"syslog_mapping", "syslog_addresses", "heartbeat",
                                                              "sequence_attribute", "counter_attribute"};

// kInvalid with line and column. What identifies the source has been read.
Status read_feed_settings(const toml::table& source, service::SourceSettings& to);
// Two sources that have the same range are kInvalid.
Status check_distinct_addresses(const std::vector<service::SourceSettings>& sources, const toml::node& node);

// Reads [serve.syslog] of `serve`, whose other settings have been read.
Status read_syslog_settings(const toml::table& serve, ServeSettings& settings);

}  // namespace weerbaar::server
