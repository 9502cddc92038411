"""The actions of each kind of target in each type of step: the only place to add one."""
