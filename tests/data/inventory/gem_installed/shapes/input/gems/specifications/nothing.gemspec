require "nothing"
