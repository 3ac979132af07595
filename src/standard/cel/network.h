// IP addresses and networks, as Kubernetes adds them to CEL: ip, isIP, ip.isCanonical, cidr, isCIDR and their members.
//
// Source  k8s.io/apiserver/pkg/cel/library (ip.go, cidr.go), which answers as Go's net/netip: no zones, no IPv4 inside IPv6
//         (::ffff:1.2.3.4), no octets with leading zeros.
#pragma once
#include <string>
#include <vector>

#include "standard/cel/evaluator.h"

namespace plimsoll::standard::cel {

Value to_ip(Run& run, std::vector<Value>& arguments);
Value is_ip(Run& run, std::vector<Value>& arguments);
Value ip_is_canonical(Run& run, std::vector<Value>& arguments);
Value ip_family(Run& run, std::vector<Value>& arguments);
Value ip_is_unspecified(Run& run, std::vector<Value>& arguments);
Value ip_is_loopback(Run& run, std::vector<Value>& arguments);
Value ip_is_link_local_multicast(Run& run, std::vector<Value>& arguments);
Value ip_is_link_local_unicast(Run& run, std::vector<Value>& arguments);
Value ip_is_global_unicast(Run& run, std::vector<Value>& arguments);
Value to_cidr(Run& run, std::vector<Value>& arguments);
Value is_cidr(Run& run, std::vector<Value>& arguments);
Value cidr_contains_ip(Run& run, std::vector<Value>& arguments);
Value cidr_contains_cidr(Run& run, std::vector<Value>& arguments);
Value cidr_ip(Run& run, std::vector<Value>& arguments);
Value cidr_masked(Run& run, std::vector<Value>& arguments);
Value cidr_prefix_length(Run& run, std::vector<Value>& arguments);

}  // namespace plimsoll::standard::cel
