{application,jason,
             [{applications,[kernel,stdlib,elixir]},
              {vsn,"1.4.1"}]}.
