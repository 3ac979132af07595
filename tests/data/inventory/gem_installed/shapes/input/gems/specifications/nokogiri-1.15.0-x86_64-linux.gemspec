# -*- encoding: utf-8 -*-
# stub: nokogiri 1.15.0 x86_64-linux lib

Gem::Specification.new do |s|
  s.name = "nokogiri".freeze
  s.version = "1.15.0"
  s.platform = "x86_64-linux".freeze
  s.licenses = ["MIT".freeze]
  s.add_runtime_dependency(%q<racc>.freeze, ["~> 1.4"])
  s.add_development_dependency(%q<rake>.freeze, ["~> 1.4"])
end
