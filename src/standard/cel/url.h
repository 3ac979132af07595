// URLs in CEL, as Kubernetes adds them: url, isURL, getScheme, getHost, getHostname, getPort, getEscapedPath, getQuery.
//
// Source  k8s.io/apiserver/pkg/cel/library/urls.go, which answers as Go's net/url (an absolute URI or an absolute path).
#pragma once
#include <vector>

#include "standard/cel/evaluator.h"

namespace plimsoll::standard::cel {

Value to_url(Run& run, std::vector<Value>& arguments);
Value is_url(Run& run, std::vector<Value>& arguments);
Value url_scheme(Run& run, std::vector<Value>& arguments);
Value url_host(Run& run, std::vector<Value>& arguments);
Value url_hostname(Run& run, std::vector<Value>& arguments);
Value url_port(Run& run, std::vector<Value>& arguments);
Value url_escaped_path(Run& run, std::vector<Value>& arguments);
Value url_query(Run& run, std::vector<Value>& arguments);

}  // namespace plimsoll::standard::cel
